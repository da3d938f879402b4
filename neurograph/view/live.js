
// The player as a live widget: these lines follow the player's own, and make one module of both.
//
// The kernel says what there is (`_network`: the drawing and what the player is told; `_state`: the weights and
// the number of their revision). What is changed here goes back as a `_state` of the same revision, which the
// kernel checks; a revision from the kernel always wins.

const { start } = globalThis.neurographPlayer;

/** The theme of the notebook, where it has one of its own and none is asked for. */
function themeOf(model) {
  const isLight = document.body.dataset.jpThemeLight;
  return model.get("_theme") !== "auto" || !isLight ? model.get("_theme") : isLight === "true" ? "light" : "dark";
}

/** Make the element that a player starts in: the drawing, parsed as what it is and put in as nodes. */
function makeRoot(model, picture) {
  const drawing = new DOMParser().parseFromString(picture, "image/svg+xml").documentElement;
  const root = document.createElement("div"), figure = document.createElement("figure");
  figure.className = "ng-figure";
  root.className = `ng-player ng-theme-${themeOf(model)}`;
  drawing.classList.replace("ng-theme-auto", `ng-theme-${themeOf(model)}`);
  // Or JupyterLab would take the keys as its own: d, d on a button here would delete the cell.
  root.addEventListener("focusin", ({ target }) => { target.dataset.lmSuppressShortcuts = "true"; });
  figure.append(document.importNode(drawing, true));
  root.append(figure);
  return root;
}

function render({ model, el }) {
  const notice = document.createElement("p");
  notice.className = "ng-note";
  notice.setAttribute("role", "status");
  let player = null;

  const isCurrent = () => model.get("_state").revision >= model.get("_network").revision;
  const differs = (weights) => player.app.weights.some((weight, k) => weight !== weights[k]);

  function build() {
    player?.stop();
    const { data, picture } = structuredClone(model.get("_network"));
    if (isCurrent()) model.get("_state").weights.forEach((weight, k) => { data.edges[k].weight = weight; });
    const root = makeRoot(model, picture);
    el.replaceChildren(notice, root);
    player = start(root, data, { onChange: tell });
  }

  /** Tell the kernel, and other views of this widget, which weights there are now. */
  function tell(app) {
    const { revision, weights } = model.get("_state");
    if (!player || !isCurrent() || !differs(weights)) return;
    model.set("_state", { revision, weights: [...app.weights] });
    model.save_changes();
  }

  /** Show the weights that the kernel, or another view, has. */
  function follow() {
    if (isCurrent() && differs(model.get("_state").weights)) player.setWeights(model.get("_state").weights);
  }

  function warn() {
    notice.textContent = model.get("_notice");
  }

  const listeners = { "change:_network": build, "change:_state": follow, "change:_notice": warn };
  build();
  warn();
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
    player.stop();
  };
}

export default { render };
