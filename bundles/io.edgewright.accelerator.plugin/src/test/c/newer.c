// SPDX-License-Identifier: Apache-2.0
// A plug-in library built for an ONNX Runtime that does not exist yet. Like most, it does not look at what it is given.
#include <stddef.h>
#include <stdint.h>

typedef struct {
    const void *const *(*get_api)(uint32_t version);
    const char *(*version)(void);
} api_base;

void *CreateEpFactories(const char *name, const api_base *base) {
    (void)name;
    const void *const *api = base->get_api(9999);
    return ((void *(*)(int, const char *))api[0])(1, "not reached");
}

void *ReleaseEpFactory(void *factory) { return factory; }
