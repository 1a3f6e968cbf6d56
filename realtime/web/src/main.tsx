import { render } from "preact";
import { createApp } from "./app";
import { socketAddress } from "./connection/addresses";
import { Link } from "./connection/link";
import { openCapture } from "./device/capture";
import { createDevice } from "./device/device";
import { createDrop } from "./device/identify";
import { enter, keepToken } from "./entering";
import { keepAddress, wire } from "./explore/wiring";
import { startLayout } from "./layout";
import { Player } from "./player/player";
import { createStore } from "./store/store";
import "./styles/index.css";
import { startTheme } from "./theme";
import { Page } from "./views/page";

// One way through: socket -> store -> views; what the user explores comes over HTTP beside it.
startTheme();
startLayout();
enter();
keepToken();
const store = createStore();
const link = new Link({
  address: socketAddress(location.href),
  onText: store.hear,
  onChange: (connection) => {
    store.connection.value = connection;
  },
});
const player = new Player(location.href);
const app = createApp(store, player, location.href, (...request) => fetch(...request));

const device = createDevice({
  address: socketAddress(location.href, "listen"),
  onText: store.hear,
  onConnection: (connection) => {
    store.connection.value = connection;
  },
  daemon: { hush: () => link.close(), resume: () => link.open() },
  open: openCapture,
  secure: isSecureContext,
});
const drop = createDrop((...request) => fetch(...request), location.href);

/** Looks at once for whom the page hears: the device's server, or the daemon. */
function retry(): void {
  if (!device.retry()) link.open();
}

addEventListener("online", () => {
  if (store.connection.value.state === "lost") retry();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") player.stop();
});

keepAddress(app);
render(<Page app={app} retry={retry} device={device} drop={drop} />, document.getElementById("page")!);
wire(app);
link.open();
