import { useContact } from '../data/contact.ts';
import { clockTime } from '../format/time.ts';
import { Notice } from './notice.tsx';

/** Whether what the page shows is what is stored. Said politely to a screen reader when it changes. */
export function ContactNotice() {
  const contact = useContact();
  return (
    <div role="status">
      {contact.state === 'lost' && (
        <Notice tone="bad">
          <b>Assay does not answer</b> since {clockTime(contact.since)}. What you see is from before then; the page
          tries again by itself.
        </Notice>
      )}
    </div>
  );
}
