// Runs before the first paint, so that a page set to night does not flash white.
(function () {
  // An overlay has no buttons: `?theme=day` or `?theme=night` in its address chooses.
  var chosen = new URLSearchParams(location.search).get("theme");
  if (chosen === "light") chosen = "day";
  if (chosen === "dark") chosen = "night";
  if (chosen !== "day" && chosen !== "night") {
    try {
      chosen = localStorage.getItem("nowhear.theme");
    } catch (_) {
      // Storage may be forbidden; the system's preference then decides.
    }
  }
  if (chosen !== "day" && chosen !== "night") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "day";
  }
  document.documentElement.dataset.theme = chosen;
})();
