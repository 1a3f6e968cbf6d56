// Runs before the first paint, so that a page set to night does not flash white.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem("nowhear.theme");
  } catch (_) {
    // Storage may be forbidden; the system's preference then decides.
  }
  if (chosen !== "day" && chosen !== "night") {
    chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "day";
  }
  document.documentElement.dataset.theme = chosen;
})();
