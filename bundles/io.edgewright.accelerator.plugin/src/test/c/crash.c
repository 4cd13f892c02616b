// SPDX-License-Identifier: Apache-2.0
// A plug-in library that dies while it is registered.
#include <stddef.h>

void *CreateEpFactories(void) {
    volatile int *nowhere = NULL;
    *nowhere = 1;
    return NULL;
}

void *ReleaseEpFactory(void *factory) { return factory; }
