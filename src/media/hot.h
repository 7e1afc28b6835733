/* hot: the few loops over every pixel of every picture.
 *
 * HOT_LOOP before such a function lets GCC vectorise it at any optimisation level, twice: for every
 * x86-64 machine and for those with AVX2, chosen when the program is loaded. Elsewhere the compiler
 * does what it does by itself. Sanitizers cannot run while the choice is made, so with them there
 * is one version. */
#pragma once

#if defined(__GNUC__) && !defined(__clang__)
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define HOT_LOOP __attribute__((optimize("O3"), target_clones("arch=x86-64-v3", "default")))
#else
#define HOT_LOOP __attribute__((optimize("O3")))
#endif
#else
#define HOT_LOOP
#endif
