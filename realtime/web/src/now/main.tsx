import { render } from "preact";
import { socketAddress } from "../connection/addresses";
import { Link } from "../connection/link";
import { createStore } from "../store/store";
import "./now.css";
import { Small } from "./small";

const store = createStore();
const link = new Link({
  address: socketAddress(location.href),
  onText: store.hear,
  onChange: (connection) => {
    store.connection.value = connection;
  },
});
addEventListener("online", () => {
  if (store.connection.value.state === "lost") link.open();
});

render(<Small store={store} />, document.getElementById("page")!);
link.open();
