import { expect } from "chai";
import { dollars } from "../../components/dollars.ts";

describe("dollars", () => {
  it("shows two digits from ten cents, four below, and two that count of what is smaller still", () => {
    const values = [0, 12.3, 0.1, 0.0999, 0.0001, 0.0000534, 0.00000053];
    expect(values.map(dollars)).to.deep.equal([
      "$0",
      "$12.30",
      "$0.10",
      "$0.0999",
      "$0.0001",
      "$0.000053",
      "$0.00000053",
    ]);
  });

  it("rounds half a cent up, though few halves are exact in binary", () => {
    expect([0.145, 0.29 / 2, 1.005, 8.575, 0.1449].map(dollars)).to.deep.equal([
      "$0.15",
      "$0.15",
      "$1.01",
      "$8.58",
      "$0.14",
    ]);
  });
});
