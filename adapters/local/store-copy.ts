/** A consistent copy of a store file, while its process writes on. */
import { backup } from 'node:sqlite';
import { openForReading } from './evidence.ts';

/** Copies into a new file. */
export async function copyStoreFile(from: string, to: string): Promise<void> {
  // Over a connection of its own: on the writer's a step that meets an open transaction ends the whole copy.
  const { db, close } = openForReading(from);
  try {
    // What this reads stands still until it closes, else each commit beside it would begin the copy anew.
    db.exec('BEGIN');
    db.prepare('SELECT 1 FROM items LIMIT 1').get();
    await backup(db, to);
  } finally {
    close();
  }
}
