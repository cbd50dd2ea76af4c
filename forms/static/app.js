// Comfort on top of pages that work without it; the server decides.
(() => {
  "use strict";
  const root = document.documentElement, body = document.body;
  root.classList.add("js");
  const on = (event, handle, capture) => document.addEventListener(event, handle, capture);
  const at = (event, selector) => event.target.closest?.(selector);

  // Warn before typed text is lost.
  let unsaved = document.querySelector(".summary, .conflict") !== null;
  const guarded = (event) => { if (at(event, "form[data-guard]")) unsaved = true; };
  on("change", guarded);
  on("submit", (event) => {
    unsaved = false;
    if (!event.target.matches("[data-clean]")) return;
    for (const field of event.target.elements) if (field.name && !field.value) field.disabled = true;
  });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
  addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("[data-clean] :disabled")) field.disabled = false;
  });

  // Live forms send everything but files.
  on("htmx:config:request", (event) => {
    const data = event.detail.ctx.request.body;
    if (!(data instanceof FormData)) return;
    for (const name of new Set(data.keys())) if (data.get(name) instanceof File) data.delete(name);
  });
  // A button for rows sends the whole form: what is under way for it then would come back without the row.
  let pressed = 0;
  const isButton = (event) => event.detail.ctx.sourceElement.tagName === "BUTTON";
  on("htmx:before:request", (event) => {
    const source = event.detail.ctx.sourceElement;
    if (!isButton(event)) return pressed && source.matches("[data-live]") ? event.preventDefault() : undefined;
    pressed += 1;
    source.form?.querySelector("[data-live]")?.dispatchEvent(new Event("htmx:abort"));
  });
  on("htmx:finally:request", (event) => { if (isButton(event)) pressed -= 1; });
  const offline = () => {
    if (document.getElementById("offline")) return;
    const note = Object.assign(document.createElement("div"), { id: "offline", className: "flash warning", role: "status", textContent: body.dataset.offline });
    document.getElementById("main").prepend(note);
    setTimeout(() => note.remove(), 8000);
  };
  on("htmx:error", offline);
  on("htmx:response:error", offline);

  // Combobox (ARIA 1.2): an input with a list box; the id goes into a hidden field beside it.
  let timer = 0, asked = 0;
  const combo = (input) => {
    const box = input.closest("[data-combo]"), list = box.querySelector("[role=listbox]");
    const items = () => [...list.querySelectorAll("[data-id]")];
    return { box, list, items, name: box.dataset.combo, active: () => items().findIndex((o) => o.ariaSelected === "true") };
  };
  const isCombo = (element) => element?.matches?.("[data-combo] > input");
  const mark = (input, index) => {
    const { items } = combo(input);
    items().forEach((item, place) => {
      item.ariaSelected = String(place === index);
      if (place === index) { item.scrollIntoView({ block: "nearest" }); input.setAttribute("aria-activedescendant", item.id); }
    });
    if (index < 0) input.removeAttribute("aria-activedescendant");
  };
  const toggle = (input, open) => {
    combo(input).list.hidden = !open;
    input.ariaExpanded = String(open);
    if (!open) mark(input, -1);
  };
  const look = async (input) => {
    const { list, name } = combo(input), form = input.form, turn = ++asked;
    if (!form?.dataset.find) return;
    const data = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
    data.set("_find", name);
    try {
      const answer = await fetch(form.dataset.find, { method: "POST", body: data, headers: { "HX-Request": "true" } });
      if (!answer.ok || turn !== asked || document.activeElement !== input) return;
      list.innerHTML = await answer.text();
      toggle(input, true);
    } catch { /* the server will resolve the text */ }
  };
  const pick = (input, item) => {
    const { box, name } = combo(input), field = box.parentElement, { id, title } = item.dataset;
    const many = field.querySelector("[data-picked]");
    const one = (suffix) => field.querySelector(`input[type=hidden][name="${CSS.escape(name + suffix)}"]`);
    if (many) {
      const make = (tag, values) => Object.assign(document.createElement(tag), values);
      const label = make("label", { className: "tick" }), text = make("span", { textContent: title });
      const tick = make("input", { type: "checkbox", name, value: id, checked: true });
      const kept = make("input", { type: "hidden", name: name + ".title", value: id + " " + title });
      label.append(tick, text, kept);
      if (!many.querySelector(`[value="${CSS.escape(id)}"]`)) many.append(label);
      input.value = "";
    } else {
      input.value = title;
      one("").value = id;
      one(".was").value = title;
    }
    toggle(input, false);
    box.dispatchEvent(new Event("change", { bubbles: true }));
  };
  on("focusin", (event) => {
    const input = event.target;
    if (!isCombo(input) || input.role === "combobox") return;
    const { list } = combo(input);
    input.role = "combobox";
    Object.entries({ "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false" })
      .forEach(([name, value]) => input.setAttribute(name, value));
  });
  on("input", (event) => {
    guarded(event);
    if (!isCombo(event.target)) return;
    event.stopPropagation();
    clearTimeout(timer);
    timer = setTimeout(look, 180, event.target);
  }, true);
  on("change", (event) => { if (isCombo(event.target)) event.stopPropagation(); }, true);
  on("keydown", (event) => {
    const input = event.target;
    if (!isCombo(input)) {
      const menu = event.key === "Escape" && at(event, "details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
      return;
    }
    const { list, items, active } = combo(input), count = items().length, step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (list.hidden) look(input);
      else if (count) mark(input, (active() + step + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const item = list.hidden ? null : items()[Math.max(active(), 0)];
      if (item) pick(input, item); else look(input);
    } else if (event.key === "Escape" && !list.hidden) {
      event.stopPropagation();
      toggle(input, false);
    }
  });
  on("mousedown", (event) => {
    const item = at(event, ".options [data-id]");
    if (!item) return;
    event.preventDefault();
    pick(item.closest("[data-combo]").querySelector("input"), item);
  });
  on("focusout", (event) => { if (isCombo(event.target)) toggle(event.target, false); });

  // Menus close by a click elsewhere; themes and demo accounts.
  on("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const theme = at(event, "[data-themes] button"), account = at(event, "[data-fill-name]");
    if (theme) {
      event.preventDefault();
      if (theme.value === "auto") delete root.dataset.theme; else root.dataset.theme = theme.value;
      for (const other of theme.parentElement.children) other.ariaPressed = String(other === theme);
      fetch(theme.form.action, { method: "POST", body: new URLSearchParams(new FormData(theme.form, theme)), redirect: "manual" }).catch(() => {});
    }
    if (account) {
      const form = document.querySelector("form.form");
      form.elements.name.value = account.dataset.fillName;
      form.elements.password.value = account.dataset.fillPassword;
      if (form.elements.password.value) form.requestSubmit(); else form.elements.password.focus();
    }
  });

  // Selecting rows of a list.
  const counted = (form, pressed) => {
    const all = form.querySelector("[data-all]"), boxes = [...form.querySelectorAll("tbody [type=checkbox]")];
    if (pressed === all) for (const box of boxes) box.checked = all.checked;
    const count = boxes.filter((box) => box.checked).length;
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && !all.checked;
    const text = form.querySelector("[data-selected]");
    text.textContent = count ? text.dataset.selected.replace("{count}", count) : "";
  };
  on("change", (event) => {
    const form = at(event, "[data-select]");
    if (form && event.target.type === "checkbox") counted(form, event.target);
  });
  addEventListener("pageshow", () => { for (const form of document.querySelectorAll("[data-select]")) counted(form); });

  for (const tab of document.querySelectorAll(".tabs [aria-current]")) tab.parentElement.scrollLeft = tab.offsetLeft - 24;
  // A picture of a workflow begins where the case stands.
  for (const now of document.querySelectorAll(".flow-scroll .current")) {
    const frame = now.closest(".flow-scroll");
    frame.scrollLeft += now.getBoundingClientRect().right - frame.getBoundingClientRect().right + 40;
  }

  // In development: load again with a new configuration.
  if (body.dataset.reload) {
    let known = false;
    const source = new EventSource(body.dataset.reload);
    source.onmessage = () => location.reload();
    source.onopen = () => { if (known) location.reload(); known = true; };
  }
})();
