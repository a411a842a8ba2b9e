/** US dollars: two digits from ten cents, four from a hundredth of a cent, else two significant ones. */
export const dollars = (value: number): string => {
  if (value === 0) return "$0";
  // Half a cent is rarely exact in binary: 0.145 is a little less.
  if (value >= 0.1) return `$${(Math.round(value * 100 + 1e-6) / 100).toFixed(2)}`;
  if (value >= 0.0001) return `$${value.toFixed(4)}`;
  // toPrecision would turn to exponents below a millionth.
  return `$${value.toFixed(Math.min(12, 1 - Math.floor(Math.log10(value))))}`;
};
