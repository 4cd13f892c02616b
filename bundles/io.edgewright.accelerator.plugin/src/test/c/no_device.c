// SPDX-License-Identifier: Apache-2.0
// A plug-in library without a provider.
#include <stddef.h>

void *CreateEpFactories(const char *name, const void *base, const void *logger, void **factories, size_t most,
                        size_t *count) {
    (void)name, (void)base, (void)logger, (void)factories, (void)most;
    *count = 0;
    return NULL;
}

void *ReleaseEpFactory(void *factory) { return factory; }
