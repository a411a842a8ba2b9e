import { expect } from "chai";
import { PHASE_COLORS } from "../../../../cli/simulate/report/colors.ts";
import { STYLE } from "../../../../cli/simulate/report/style.ts";
import { distance } from "../../../support/report/color-vision.ts";

describe("Colours of the report", () => {
  const themes = STYLE.split("@media screen and (prefers-color-scheme: dark)").slice(0, 2);
  const colorsOf = (theme: string): readonly string[] =>
    Object.values(PHASE_COLORS).map((color) => {
      const name = /var\((.*)\)/.exec(color)?.[1] ?? "";
      return new RegExp(`${name}: (#[0-9a-f]{6});`).exec(theme)?.[1] ?? `no ${name}`;
    });

  for (const [index, name] of ["light", "dark"].entries()) {
    it(`can be told apart, ${name}, by those who see few hues, too: neighbours at a glance`, () => {
      const colors = colorsOf(themes[index] ?? "");
      expect(colors).to.have.lengthOf(9);
      colors.forEach((color, at) => {
        colors.slice(at + 1).forEach((other, beyond) => {
          expect(distance(color, other), `${color} and ${other}`).to.be.greaterThan(beyond === 0 ? 20 : 10);
        });
      });
    });
  }

  it("would be found too much alike if they were", () => {
    expect(distance("#9a6700", "#bc4c00")).to.be.lessThan(5);
    expect(distance("#000000", "#ffffff")).to.be.closeTo(100, 0.1);
  });
});
