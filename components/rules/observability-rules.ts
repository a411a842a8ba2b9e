import { observabilityOf, type ObservabilityArgs } from "../observability.ts";
import { isEmail, isQueueArn } from "../observability/subscriptions.ts";
import type { RuledArgs } from "./pipeline-rules.ts";
import type { Problem } from "./problem.ts";

const lists = ["alarmSubscribers", "successSubscribers", "failureSubscribers", "delaySubscribers"] as const;

/** Who is to be told must be somebody who can be told, of something that is told. */
export const observabilityRules = (args: Pick<RuledArgs, "mode" | "observability" | "job">): readonly Problem[] => {
  const settings = observabilityOf(args);
  return [
    ...lists.flatMap((list) => subscriberProblems(list, settings)),
    ...(settings.enabled ? [] : lists.flatMap((list) => unheardProblems(list, settings))),
    ...delayProblems(args, settings),
  ];
};

const subscriberProblems = (list: (typeof lists)[number], settings: ObservabilityArgs): readonly Problem[] =>
  (settings[list] ?? []).flatMap((subscriber, index) =>
    isEmail(subscriber) || isQueueArn(subscriber)
      ? []
      : [
          {
            field: `observability.${list}[${index}]`,
            must: () =>
              "an e-mail address or the ARN of an SQS queue, arn:aws:sqs:REGION:ACCOUNT:NAME, whose policy lets the topic send to it",
            got: subscriber,
          },
        ],
  );

const unheardProblems = (list: (typeof lists)[number], settings: ObservabilityArgs): readonly Problem[] => {
  const subscribers = settings[list] ?? [];
  if (subscribers.length === 0) return [];
  return [
    {
      field: `observability.${list}`,
      must: (say) =>
        `left out, or ${say("observability.enabled")} be true: without observability nobody is told anything`,
      got: subscribers,
    },
  ];
};

const delayProblems = ({ job }: Pick<RuledArgs, "job">, settings: ObservabilityArgs): readonly Problem[] => {
  const subscribers = settings.delaySubscribers ?? [];
  if (!settings.enabled || subscribers.length === 0 || job.notifyDelayAfterMinutes !== undefined) return [];
  return [
    {
      field: "observability.delaySubscribers",
      must: (say) =>
        `left out, or ${say("job.notifyDelayAfterMinutes")} be given: Glue tells of a run that takes longer than that`,
      got: subscribers,
    },
  ];
};
