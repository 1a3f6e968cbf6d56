/**
 * Address of the websocket that belongs to the page at `page`, with the page's token: of `ws`, or of
 * `listen`, where a device is heard.
 */
export function socketAddress(page: string, name: "ws" | "listen" = "ws"): string {
  const address = new URL(name, page);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.hash = "";
  address.search = "";
  return withToken(address, page).href;
}

/**
 * An address on the page's own server, such as a song's audio, with the page's token; null when it
 * leads to another server, which must never see the token.
 */
export function sameServer(path: string, page: string): string | null {
  if (!URL.canParse(path, page)) return null;
  const address = new URL(path, page);
  if (address.origin !== new URL(page).origin) return null;
  return withToken(address, page).href;
}

function withToken(address: URL, page: string): URL {
  const token = new URL(page).searchParams.get("token");
  if (token !== null) address.searchParams.set("token", token);
  return address;
}
