// SPDX-License-Identifier: Apache-2.0
// A delegate for tests: it takes the RESHAPE operators of a graph whose shapes are known and copies their input, plus a number for floats, so that a
// test sees who did the work. The declarations below are what it needs of TensorFlow Lite's public C API.
//
// Options: add=NUMBER, refuse=TEXT (no delegate is given), fail=prepare (it refuses graphs), fail=invoke (runs fail).
// -DCRASH_ON_LOAD makes a library that crashes when it is loaded; -DNO_ENTRY one without entry points.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OK = 0, FAILED = 1 };
enum { TYPE_FLOAT32 = 1, OPERATOR_RESHAPE = 22, OPERATOR_DELEGATE = 51, ALLOW_DYNAMIC_TENSORS = 1 };

typedef struct {
    int size;
    int data[];
} TfLiteIntArray;

typedef struct TfLiteOpaqueContext TfLiteOpaqueContext;
typedef struct TfLiteOpaqueNode TfLiteOpaqueNode;
typedef struct TfLiteOpaqueTensor TfLiteOpaqueTensor;
typedef struct TfLiteOpaqueDelegate TfLiteOpaqueDelegate;
typedef struct TfLiteOperator TfLiteOperator;

typedef struct {
    void *data;
    int (*Prepare)(TfLiteOpaqueContext *, TfLiteOpaqueDelegate *, void *);
    int (*CopyFromBufferHandle)(TfLiteOpaqueContext *, TfLiteOpaqueDelegate *, void *, int, TfLiteOpaqueTensor *);
    int (*CopyToBufferHandle)(TfLiteOpaqueContext *, TfLiteOpaqueDelegate *, void *, int, TfLiteOpaqueTensor *);
    void (*FreeBufferHandle)(TfLiteOpaqueContext *, TfLiteOpaqueDelegate *, void *, int *);
    int64_t flags;
} TfLiteOpaqueDelegateBuilder;

extern TfLiteIntArray *TfLiteIntArrayCreate(int size);
extern void TfLiteIntArrayFree(TfLiteIntArray *array);
extern TfLiteOpaqueDelegate *TfLiteOpaqueDelegateCreate(const TfLiteOpaqueDelegateBuilder *builder);
extern void TfLiteOpaqueDelegateDelete(TfLiteOpaqueDelegate *delegate);
extern int TfLiteOpaqueContextGetExecutionPlan(TfLiteOpaqueContext *context, TfLiteIntArray **plan);
extern int TfLiteOpaqueContextGetNodeAndRegistration(
    TfLiteOpaqueContext *context, int index, TfLiteOpaqueNode **node, TfLiteOperator **operator);
extern int TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(
    TfLiteOpaqueContext *context, TfLiteOperator *kernel, const TfLiteIntArray *nodes, TfLiteOpaqueDelegate *delegate);
extern int TfLiteOpaqueContextResizeTensor(TfLiteOpaqueContext *context, TfLiteOpaqueTensor *tensor, TfLiteIntArray *shape);
extern void TfLiteOpaqueContextReportError(TfLiteOpaqueContext *context, const char *format, ...);
extern int TfLiteOperatorGetBuiltInCode(const TfLiteOperator *operator);
extern TfLiteOperator *TfLiteOperatorCreate(int builtin, const char *name, int version, void *user_data);
extern int TfLiteOperatorSetPrepareWithData(
    TfLiteOperator *operator, int (*prepare)(void *, TfLiteOpaqueContext *, TfLiteOpaqueNode *));
extern int TfLiteOperatorSetInvokeWithData(
    TfLiteOperator *operator, int (*invoke)(void *, TfLiteOpaqueContext *, TfLiteOpaqueNode *));
extern int TfLiteOpaqueNodeNumberOfInputs(const TfLiteOpaqueNode *node);
extern const TfLiteOpaqueTensor *TfLiteOpaqueNodeGetInput(
    const TfLiteOpaqueContext *context, const TfLiteOpaqueNode *node, int index);
extern TfLiteOpaqueTensor *TfLiteOpaqueNodeGetOutput(TfLiteOpaqueContext *context, const TfLiteOpaqueNode *node, int index);
extern int TfLiteOpaqueTensorType(const TfLiteOpaqueTensor *tensor);
extern int32_t TfLiteOpaqueTensorNumDims(const TfLiteOpaqueTensor *tensor);
extern int32_t TfLiteOpaqueTensorDim(const TfLiteOpaqueTensor *tensor, int32_t index);
extern size_t TfLiteOpaqueTensorByteSize(const TfLiteOpaqueTensor *tensor);
extern void *TfLiteOpaqueTensorData(const TfLiteOpaqueTensor *tensor);

#ifdef CRASH_ON_LOAD
__attribute__((constructor)) static void crash(void) { abort(); }
#endif

#ifndef NO_ENTRY

typedef struct {
    float add;
    bool fail_prepare;
    bool fail_invoke;
} Settings;

/** The input that has the output's type and size; the other one, of a reshape to a computed shape, is the shape. */
static const TfLiteOpaqueTensor *content(
    TfLiteOpaqueContext *context, const TfLiteOpaqueNode *node, const TfLiteOpaqueTensor *out) {
    for (int i = 0; i < TfLiteOpaqueNodeNumberOfInputs(node); i++) {
        const TfLiteOpaqueTensor *in = TfLiteOpaqueNodeGetInput(context, node, i);
        if (TfLiteOpaqueTensorType(in) == TfLiteOpaqueTensorType(out)
            && TfLiteOpaqueTensorByteSize(in) == TfLiteOpaqueTensorByteSize(out)) {
            return in;
        }
    }
    return NULL;
}

static int kernel_prepare(void *user, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node) {
    (void)user;
    if (content(context, node, TfLiteOpaqueNodeGetOutput(context, node, 0)) != NULL) {
        return OK;
    }
    const TfLiteOpaqueTensor *in = TfLiteOpaqueNodeGetInput(context, node, 0); // was given another shape
    TfLiteIntArray *shape = TfLiteIntArrayCreate(TfLiteOpaqueTensorNumDims(in));
    for (int i = 0; i < shape->size; i++) {
        shape->data[i] = TfLiteOpaqueTensorDim(in, i);
    }
    return TfLiteOpaqueContextResizeTensor(context, TfLiteOpaqueNodeGetOutput(context, node, 0), shape);
}

static int kernel_invoke(void *user, TfLiteOpaqueContext *context, TfLiteOpaqueNode *node) {
    const Settings *settings = user;
    TfLiteOpaqueTensor *out = TfLiteOpaqueNodeGetOutput(context, node, 0);
    const TfLiteOpaqueTensor *in = content(context, node, out);
    if (settings->fail_invoke) {
        TfLiteOpaqueContextReportError(context, "the test device has gone away (code %d)", 42);
        return FAILED;
    }
    if (in == NULL) {
        TfLiteOpaqueContextReportError(context, "input and output differ in size");
        return FAILED;
    }
    size_t bytes = TfLiteOpaqueTensorByteSize(in);
    if (TfLiteOpaqueTensorType(in) == TYPE_FLOAT32 && settings->add != 0) {
        const float *from = TfLiteOpaqueTensorData(in);
        float *to = TfLiteOpaqueTensorData(out);
        for (size_t i = 0; i < bytes / sizeof(float); i++) {
            to[i] = from[i] + settings->add;
        }
    } else {
        memcpy(TfLiteOpaqueTensorData(out), TfLiteOpaqueTensorData(in), bytes);
    }
    return OK;
}

static int delegate_prepare(TfLiteOpaqueContext *context, TfLiteOpaqueDelegate *delegate, void *data) {
    Settings *settings = data;
    if (settings->fail_prepare) {
        TfLiteOpaqueContextReportError(context, "the test device takes no graphs today");
        return FAILED;
    }
    TfLiteIntArray *plan;
    if (TfLiteOpaqueContextGetExecutionPlan(context, &plan) != OK) {
        return FAILED;
    }
    TfLiteIntArray *mine = TfLiteIntArrayCreate(plan->size);
    mine->size = 0;
    for (int i = 0; i < plan->size; i++) {
        TfLiteOpaqueNode *node;
        TfLiteOperator *operator;
        if (TfLiteOpaqueContextGetNodeAndRegistration(context, plan->data[i], &node, &operator) != OK) {
            TfLiteIntArrayFree(mine);
            return FAILED;
        }
        if (TfLiteOperatorGetBuiltInCode(operator) == OPERATOR_RESHAPE
            && content(context, node, TfLiteOpaqueNodeGetOutput(context, node, 0)) != NULL) {
            mine->data[mine->size++] = plan->data[i];
        }
    }
    TfLiteOperator *kernel = TfLiteOperatorCreate(OPERATOR_DELEGATE, "test_delegate", 1, settings);
    TfLiteOperatorSetPrepareWithData(kernel, kernel_prepare);
    TfLiteOperatorSetInvokeWithData(kernel, kernel_invoke);
    int status = TfLiteOpaqueContextReplaceNodeSubsetsWithDelegateKernels(context, kernel, mine, delegate);
    TfLiteIntArrayFree(mine);
    return status;
}

typedef struct {
    TfLiteOpaqueDelegateBuilder builder;
    Settings settings;
} Owned;

static Owned *owned[64];
static TfLiteOpaqueDelegate *given[64];

__attribute__((visibility("default"))) TfLiteOpaqueDelegate *tflite_plugin_create_delegate(
    const char *const *keys, const char *const *values, size_t count, void (*report_error)(const char *)) {
    Owned *mine = calloc(1, sizeof(Owned));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i], "add") == 0) {
            mine->settings.add = strtof(values[i], NULL);
        } else if (strcmp(keys[i], "fail") == 0) {
            mine->settings.fail_prepare = strcmp(values[i], "prepare") == 0;
            mine->settings.fail_invoke = strcmp(values[i], "invoke") == 0;
        } else {
            char text[200];
            bool refuse = strcmp(keys[i], "refuse") == 0;
            snprintf(text, sizeof text, refuse ? "%s" : "unknown option: %s", refuse ? values[i] : keys[i]);
            if (report_error != NULL) {
                report_error(text);
            }
            free(mine);
            return NULL;
        }
    }
    mine->builder = (TfLiteOpaqueDelegateBuilder){
        .data = &mine->settings, .Prepare = delegate_prepare, .flags = ALLOW_DYNAMIC_TENSORS};
    for (int i = 0; i < 64; i++) {
        if (given[i] == NULL) {
            owned[i] = mine;
            return given[i] = TfLiteOpaqueDelegateCreate(&mine->builder);
        }
    }
    free(mine);
    if (report_error != NULL) {
        report_error("64 delegates are in use");
    }
    return NULL;
}

__attribute__((visibility("default"))) void tflite_plugin_destroy_delegate(TfLiteOpaqueDelegate *delegate) {
    for (int i = 0; i < 64; i++) {
        if (given[i] == delegate) {
            TfLiteOpaqueDelegateDelete(delegate);
            free(owned[i]);
            owned[i] = NULL;
            given[i] = NULL;
        }
    }
}

#endif
