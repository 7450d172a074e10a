import Type, { type Static } from 'typebox';

const Texts = Type.Record(Type.String(), Type.String());

export const JobQuery = Type.Object(
  {
    metadata: Type.Optional(
      Type.Object(
        {
          labels: Type.Optional(Texts),
          annotations: Type.Optional(Texts),
        },
        { description: "The Job's labels and annotations; nothing else of the metadata counts." },
      ),
    ),
    spec: Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      description: 'A batch/v1 JobSpec, passed on whole. ttlSecondsAfterFinished may remove the Job before it is read.',
    }),
  },
  {
    description:
      'A Kubernetes Job whose end decides: complete is Successful, failed is Failed. Conditions are ignored.',
    examples: [
      {
        spec: {
          backoffLimit: 1,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'smoke', image: 'registry.example/smoke:1', command: ['/smoke', '--quick'] }],
            },
          },
        },
      },
    ],
  },
);
export type JobQuery = Static<typeof JobQuery>;
