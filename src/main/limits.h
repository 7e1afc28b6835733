/* limits: what the system lets the process have, fitted to what it is asked to do.
 * Thread: the main one, before others start. */
#pragma once

/* Raises the soft limit of open files as far as the hard one lets it, and tells how many of
 * `wanted` connections leave the rest of the program its files: each may be sending a file of its
 * own. At least 1. When they are fewer than wanted, that is said in the log. */
unsigned limits_connections(unsigned wanted);

/* Large blocks go back to the system when they are freed, and threads share a few heaps: a burst of
 * large requests is not kept for ever. */
void limits_memory(void);
