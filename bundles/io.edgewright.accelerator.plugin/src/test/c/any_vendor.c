// SPDX-License-Identifier: Apache-2.0
// For tests on processors that are not Intel's: a plug-in library that hands everything to the one at REAL, and tells it
// that the processor is Intel's. OpenVINO runs on other x86 processors as well; only its plug-in looks at the vendor.
// OrtApi is a table that only grows at its end, so these places hold for every version from 1.22 on.
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TYPE = 307, VENDOR_ID = 308, COPIED = 600, CPU = 0, INTEL = 0x8086 };

typedef struct {
    const void *const *(*get_api)(uint32_t version);
    const char *(*version)(void);
} api_base;

typedef void *(*create_fn)(const char *, const api_base *, const void *, void **, size_t, size_t *);
typedef void *(*release_fn)(void *);

static const void *const *real;
static const void *table[COPIED];
static const api_base *base;
static void *library;

static uint32_t vendor_id(const void *device) {
    int type = ((int (*)(const void *))real[TYPE])(device);
    return type == CPU ? INTEL : ((uint32_t(*)(const void *))real[VENDOR_ID])(device);
}

static const void *const *get_api(uint32_t version) {
    real = base->get_api(version);
    if (real == NULL) {
        return NULL;
    }
    memcpy(table, real, sizeof table);
    table[VENDOR_ID] = (const void *)vendor_id;
    return table;
}

static const char *version(void) { return base->version(); }

static const api_base ours = {get_api, version};

void *CreateEpFactories(const char *name, const api_base *given, const void *logger, void **factories, size_t most,
                        size_t *count) {
    base = given;
    library = dlopen(REAL, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        abort();
    }
    create_fn create = (create_fn)dlsym(library, "CreateEpFactories");
    return create(name, &ours, logger, factories, most, count);
}

void *ReleaseEpFactory(void *factory) { return ((release_fn)dlsym(library, "ReleaseEpFactory"))(factory); }
