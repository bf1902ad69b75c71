/** CSV files, whose columns become inputs of signatures. */

const SEPARATORS = ["\t", ";", ","];

/**
 * Returns the values of inputs by name; see `Table` in common/page/page.py.
 *
 * Rows are sorted by date, those without a value in the first column are left
 * out, and the last ones are returned.
 */
export function readTable(text, fileName, description, signature) {
  const { columns, dates, rows: count, file_stem: stem } = description;
  const [header, ...lines] = parse(text);
  const names = header.map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ""));
  const inputs = Object.entries(columns).map(([input, alternatives]) => ({
    input,
    isText: signature.inputs[input].type === "string",
    isList: signature.inputs[input].shape.length > 2,
    places: alternatives.map((options) => place(names, options)),
  }));
  const missing = inputs.find(
    ({ input, places }, i) => (i === 0 || input === dates) && places[0] < 0,
  );
  if (missing) {
    const [first] = columns[missing.input];
    throw new Error(`There is no column ${first.join(", ")}: it has ${header.join(", ")}.`);
  }
  const dateInput = inputs.find(({ input }) => input === dates);
  const known = lines
    .map((cells) => ({
      day: isoDate(cells[dateInput.places[0]] ?? ""),
      cells,
    }))
    .filter(({ cells }) => number(cells[inputs[0].places[0]]) > 0)
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))
    .slice(-count);
  if (known.length < count) {
    throw new Error(`It has ${known.length} rows with a value; ${count} are needed.`);
  }
  const values = { [stem]: fileName.replace(/\.[^.]*$/, "").toUpperCase() };
  for (const { input, isText, isList, places } of inputs) {
    values[input] = known.map(({ day, cells }) => {
      if (input === dates) return day;
      const row = places.map((at) => (isText ? cells[at] ?? "" : number(cells[at])));
      return isList ? row : row[0];
    });
  }
  return values;
}

/** Returns rows of cells; the separator is that of the first line. */
function parse(text) {
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/).filter((line) => line.trim());
  if (!lines.length) throw new Error("The file is empty.");
  const separator = SEPARATORS.find((mark) => lines[0].includes(mark)) ?? ",";
  return lines.map((line) => cellsOf(line, separator));
}

function cellsOf(line, separator) {
  const cells = [];
  let cell = "";
  let isQuoted = false;
  for (const letter of line) {
    if (letter === '"') isQuoted = !isQuoted;
    else if (letter === separator && !isQuoted) {
      cells.push(cell.trim());
      cell = "";
    } else cell += letter;
  }
  return [...cells, cell.trim()];
}

function place(names, options) {
  for (const option of options) {
    if (names.includes(option)) return names.indexOf(option);
  }
  return -1;
}

/** Returns a positive number; 0 for anything else. */
function number(cell = "") {
  const value = Number(cell.replace(/[$€£\s]/g, "").replace(/,(?=\d{3}\b)/g, ""));
  return Number.isFinite(value) && value > 0 ? value : 0;
}

/** Returns a date as 2012-09-12; others are refused, because they are ambiguous. */
function isoDate(text) {
  const match = text.match(/^(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})/);
  if (!match) throw new Error(`${JSON.stringify(text)} is not a date as 2012-09-12.`);
  const [, year, month, day] = match;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}
