// Editing formatted text in place of its markup. The server cleans what is sent; this only keeps the view harmless.
(() => {
  "use strict";
  const KEPT = new Set("P BR STRONG EM B I U S A UL OL LI H2 H3 H4 BLOCKQUOTE CODE PRE".split(" "));
  const clean = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    for (const node of [...page.body.querySelectorAll("*")].reverse()) {
      if (!KEPT.has(node.tagName)) {
        if (/^(SCRIPT|STYLE|TEMPLATE|IFRAME|OBJECT)$/.test(node.tagName)) node.remove();
        else node.replaceWith(...node.childNodes);
        continue;
      }
      for (const { name, value } of [...node.attributes])
        if (name !== "href" || !/^(https?:|mailto:)/i.test(value)) node.removeAttribute(name);
    }
    return page.body;
  };
  const start = (field) => {
    const source = field.querySelector("textarea"), bar = field.querySelector("[role=toolbar]");
    if (!source || !bar.hidden) return;
    const edit = document.createElement("div"), label = source.labels[0];
    label.id ||= source.id + "-label";
    edit.className = "rich rich-edit";
    edit.contentEditable = "true";
    const values = { role: "textbox", "aria-multiline": "true", "aria-labelledby": label.id };
    for (const name of ["aria-describedby", "aria-invalid"]) if (source.getAttribute(name)) values[name] = source.getAttribute(name);
    for (const [name, value] of Object.entries(values)) edit.setAttribute(name, value);
    edit.append(...clean(source.value).childNodes);
    edit.id = source.id;
    source.removeAttribute("id");
    source.hidden = true;
    source.after(edit);
    bar.hidden = false;
    label.addEventListener("click", () => edit.focus());
    edit.addEventListener("input", () => { source.value = edit.textContent.trim() ? clean(edit.innerHTML).innerHTML : ""; });
    edit.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
    edit.addEventListener("paste", (event) => {
      event.preventDefault();
      document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
    });
    bar.addEventListener("mousedown", (event) => event.preventDefault());
    bar.addEventListener("click", (event) => {
      const command = event.target.closest("[data-command]")?.dataset.command;
      if (!command) return;
      edit.focus();
      document.execCommand(command, false, null);
    });
  };
  const all = () => document.querySelectorAll("[data-rich]").forEach(start);
  all();
  document.addEventListener("htmx:after:swap", all);
})();
