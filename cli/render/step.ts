import { stateNameOf } from "../run/stages.ts";
import type { Tone } from "./style.ts";

/** One thing worth telling about a file or an execution. */
export interface Step {
  /** What it is about, where a pipeline has stages. */
  readonly stage?: string;
  readonly label: string;
  readonly text: string;
  readonly tone: Tone;
  /** From 0 to 1: how far a run is. Where lines can be rewritten, such a step replaces the one before it. */
  readonly progress?: number;
  /** How far all runs are, where several run at the same time: for the line that is rewritten. */
  readonly together?: string;
  /** Worth a line only for as long as it lasts. */
  readonly isPassing?: boolean;
  /** The first of several steps that tell progress. */
  readonly isFirst?: boolean;
  /** Nothing follows it. */
  readonly isLast?: boolean;
}

export const step = (label: string, text: string, tone: Tone = "plain"): Step => ({ label, text, tone });

/** A job's state is told as what its stage does; other states have their stage's name. */
export const ofState = (name: string, text: string, tone?: Tone): Step => {
  const { stage, verb } = stateNameOf(name);
  return verb === undefined ? step(name, text, tone) : inStage(stage, step(verb, text, tone));
};

export const inStage = (stage: string, told: Step): Step => (stage === "" ? told : { ...told, stage });
