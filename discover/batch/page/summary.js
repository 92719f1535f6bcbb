// Sorts the rows by the column whose heading is pressed; empty cells stay below. Without script the page stays as it is.
for (const [column, heading] of document.querySelectorAll("thead th").entries()) {
  const button = heading.querySelector("button");
  if (!button) continue;
  button.addEventListener("click", () => {
    const falls = heading.getAttribute("aria-sort") === "ascending";
    const body = document.querySelector("tbody");
    const key = (row) => row.cells[column].dataset.key ?? row.cells[column].textContent.trim();
    const compare = (a, b) => {
      if (a === "" || b === "") return (a === "") - (b === "");
      const order = heading.classList.contains("n") ? Number(a) - Number(b) : a.localeCompare(b, undefined, { numeric: true });
      return falls ? -order : order;
    };
    const rows = [...body.rows].map((row) => [key(row), row]);
    rows.sort((a, b) => compare(a[0], b[0]));
    body.append(...rows.map((pair) => pair[1]));
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", falls ? "descending" : "ascending");
  });
}
