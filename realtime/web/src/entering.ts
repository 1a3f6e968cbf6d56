import { sameServer } from "./connection/addresses";

/** Where the server serves the page too: with the comparison of two lists in front. */
const COMPAT = /\/compat$/;

/** From `/compat` the page goes on as any other of its views, whose address is a part behind `#`. */
export function enter(): void {
  if (!COMPAT.test(location.pathname)) return;
  const hash = location.hash === "" ? "#view=compat" : location.hash;
  history.replaceState(null, "", `${location.pathname.replace(COMPAT, "/")}${location.search}${hash}`);
}

/**
 * An installed app begins at the address that the manifest names, without the page's own. So the
 * manifest is asked for with the token, and the server gives it back to whom it belongs to: nothing
 * of it is kept in the browser beside the app itself.
 */
export function keepToken(): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
  const address = sameServer("manifest.webmanifest", location.href);
  const token = new URL(location.href).searchParams.has("token");
  if (link !== null && address !== null && token) link.href = address;
}
