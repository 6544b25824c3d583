// The check as it is drawn: a line for each fact, what to do about the first cross, and all of it as text.
registry.checkPanel = (() => {
  const MARKS = { yes: "✓", no: "✗", open: "–" };
  let panel; // made once, so that it stays open

  const asText = (words, { lines, todo }) =>
    [words.asText, ...lines.map(({ mark, text }) => `${MARKS[mark]} ${text}`), todo, navigator.userAgent]
      .filter(Boolean).join("\n");

  const make = (tag, given = {}, ...inside) => {
    const made = Object.assign(document.createElement(tag), given);
    made.append(...inside);
    return made;
  };

  const create = (words) => {
    const copy = make("button", { textContent: words.copy });
    copy.onclick = async () => {
      copy.textContent = (await toClipboard(panel.dataset.text)) ? words.copied : words.notCopied;
    };
    const file = make("button", { textContent: words.file });
    file.onclick = () => document.querySelector(".st-key-use_file_mode button")?.click();
    const summary = make("summary", { textContent: words.title });
    return make("details", { className: "check" }, summary, make("ul"), make("p", { role: "status" }), copy, file);
  };

  const draw = (place, words, found) => {
    panel ??= create(words);
    if (!place.contains(panel)) place.replaceChildren(panel);
    const text = asText(words, found);
    if (panel.dataset.text === text) return;
    panel.dataset.text = text;
    panel.querySelector("ul").replaceChildren(...found.lines.map((line) => make("li", { className: line.mark },
      make("span", { ariaHidden: "true", textContent: MARKS[line.mark] }),
      make("span", {}, line.text, make("span", { className: "said", textContent: ` (${words[line.mark]})` })))));
    panel.querySelector("p").textContent = found.todo && `${found.todo} ${words.anyway}`;
  };

  return { draw, open: () => { panel.open = true; }, remove: () => panel?.remove() };
})();
