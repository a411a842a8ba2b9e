import type { State } from "./states.ts";

/** The states that a state may lead to. */
export const targetsOf = (state: State<string>): readonly string[] => {
  switch (state.type) {
    case "Choice":
      return [...state.choices.map(({ next }) => next), ...(state.default === undefined ? [] : [state.default])];
    case "Succeed":
    case "Fail":
      return [];
    case "Wait":
    case "Pass":
      return state.next === undefined ? [] : [state.next];
    case "Task":
    case "Parallel":
    case "Map":
      return [...(state.catch ?? []).map(({ next }) => next), ...(state.next === undefined ? [] : [state.next])];
  }
};
