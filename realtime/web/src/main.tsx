import { render } from "preact";
import { socketAddress } from "./connection/addresses";
import { Link } from "./connection/link";
import { Player } from "./player/player";
import { createStore } from "./store/store";
import "./styles/index.css";
import { startTheme } from "./theme";
import { Page } from "./views/page";

// One way through: socket -> store -> views.
startTheme();
const store = createStore();
const link = new Link({
  address: socketAddress(location.href),
  onText: store.hear,
  onChange: (connection) => {
    store.connection.value = connection;
  },
});
const player = new Player(location.href);

addEventListener("online", () => {
  if (store.connection.value.state === "lost") link.open();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") player.stop();
});

render(<Page store={store} player={player} retry={() => link.open()} />, document.getElementById("page")!);
link.open();
