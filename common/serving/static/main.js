/** The list of models, and the one that the address names. */

import { element } from "./dom.js";
import { modelPage } from "./model_page.js";
import { request, token } from "./server.js";

const list = document.getElementById("models");
const app = document.getElementById("app");
let models = [];

async function start() {
  try {
    ({ models } = await request("page/models"));
  } catch (error) {
    const isClosed = error.status === 401;
    app.replaceChildren(isClosed ? tokenForm() : alertOf(error.message));
    return;
  }
  list.replaceChildren(
    ...models.map(({ name, title }) =>
      element(
        "li",
        {},
        element("a", { href: `#${encodeURIComponent(name)}` }, title),
      ),
    ),
  );
  await showModel();
}

/** Shows the model after the # of the address; the first one without. */
async function showModel() {
  const wanted = nameIn(location.hash);
  const chosen = wanted
    ? models.find(({ name }) => name === wanted)
    : models[0];
  for (const link of list.querySelectorAll("a")) {
    if (nameIn(link.hash) === chosen?.name) {
      link.setAttribute("aria-current", "page");
    } else {
      link.removeAttribute("aria-current");
    }
  }
  if (!chosen) {
    const name = wanted ? `The model ${wanted}` : "No model";
    app.replaceChildren(
      alertOf(`${name} is not ready, or not on this server: reload the page.`),
    );
    return;
  }
  document.title = `${chosen.title} – Unroll`;
  try {
    const path = `page/models/${encodeURIComponent(chosen.name)}`;
    const model = await request(path);
    // Another one may have been chosen meanwhile.
    if (nameIn(location.hash) === wanted) {
      app.replaceChildren(modelPage(model));
    }
  } catch (error) {
    app.replaceChildren(alertOf(error.message));
  }
}

function alertOf(text) {
  return element("p", { role: "alert" }, text);
}

/** Returns the name of a model after the # of an address. */
function nameIn(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

/** Returns the form in which a token is entered. */
function tokenForm() {
  const input = element("input", {
    id: "token",
    type: "password",
    autocomplete: "off",
    required: true,
  });
  const wrong = token.get() !== "";
  return element(
    "form",
    {
      class: "panel token",
      onsubmit: (event) => {
        event.preventDefault();
        token.set(input.value.trim());
        start();
      },
    },
    element("h2", {}, "This server requires a token"),
    element("label", { for: "token" }, "Token"),
    input,
    element("button", { type: "submit", class: "primary" }, "Enter"),
    element(
      "p",
      { role: "status", class: "hint" },
      wrong
        ? "This token is wrong."
        : "It is in the file of --token_file. The page keeps it until the tab is closed.",
    ),
  );
}

// Its address would be that of a model.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  app.focus();
});
addEventListener("hashchange", showModel);
start();
