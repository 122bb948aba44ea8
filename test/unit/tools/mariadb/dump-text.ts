import fc from "fast-check";

/** A value as a dump writes it. */
const value = fc.oneof(
  fc.constantFrom("NULL", "-1.5", "0x28272C3B", "''"),
  fc
    .array(
      fc.constantFrom(
        "a",
        "é",
        "💾",
        "(",
        ")",
        ",",
        ";",
        "\\'",
        "\\\\",
        "\\n",
        "''",
        "INSERT INTO `t` VALUES (1)",
      ),
      {
        maxLength: 6,
      },
    )
    .map((parts) => `'${parts.join("")}'`),
);

const name = fc.constantFrom("t", "odd `name", "VALUES (", "x'y", "a;b");

/** A table with rows of two values. */
export const table = fc.record({
  name,
  columns: fc.constantFrom(["a", "b"], ["VALUES (", "b`c"]),
  rows: fc.array(fc.tuple(value, value), { maxLength: 5 }),
});

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const quoted = (text: string): string => `\`${text.replaceAll("`", "``")}\``;

/** As MariaDB's dump writes it (a line a row), or as MySQL's does (one line a statement). */
export function dumpText(tables: readonly Table[], style: "lines" | "one line", named: boolean): string {
  const parts = tables.map(({ name, columns, rows }) => {
    const head = `INSERT INTO ${quoted(name)} ${named ? `(${columns.map(quoted).join(", ")}) ` : ""}VALUES`;
    const texts = rows.map((row) => `(${row.join(",")})`);
    const insert = style === "lines" ? `${head}\n${texts.join(",\n")};\n` : `${head} ${texts.join(",")};\n`;
    return [
      `--\n-- Table structure for table ${quoted(name)}\n--\n\n`,
      `CREATE TABLE ${quoted(name)} (\n  \`a\` int DEFAULT NULL COMMENT '(\\n'\n) ENGINE=InnoDB;\n`,
      `LOCK TABLES ${quoted(name)} WRITE;\n`,
      rows.length === 0 ? "" : insert,
      "UNLOCK TABLES;\n",
      "DELIMITER ;;\nCREATE PROCEDURE `p`()\nbegin\nINSERT INTO `t` VALUES (99);\nend\n;;\nDELIMITER ;\n",
    ].join("");
  });
  return `/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n\n${parts.join("")}\n-- Dump completed\n`;
}

/** The text cut into pieces of that many bytes. */
export function pieces(text: string, size: number): Buffer[] {
  const all = Buffer.from(text);
  const cut: Buffer[] = [];
  for (let at = 0; at < all.length; at += size) cut.push(all.subarray(at, at + size));
  return cut;
}
