// The bar over the bottom of the page that says what becomes of a stream, with a button if there is something to choose.
registry.statusBar = (() => {
  const bar = document.createElement("div");
  bar.className = "watch";
  bar.setAttribute("role", "status");

  const render = ([words = "", buttonText = ""], onPress) => {
    if (bar.dataset.says !== words + buttonText) {
      bar.dataset.says = words + buttonText;
      bar.replaceChildren(words);
      if (buttonText) bar.append(Object.assign(document.createElement("button"), { textContent: buttonText }));
    }
    bar.onclick = ({ target }) => target.matches("button") && onPress();
    if (!bar.isConnected) document.querySelector(".stApp")?.append(bar);
  };

  return { render, remove: () => bar.remove() };
})();
