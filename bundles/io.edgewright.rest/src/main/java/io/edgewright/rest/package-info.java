// SPDX-License-Identifier: Apache-2.0
/** The Open Inference Protocol and the management API as plain handlers, with users and roles. */
@NullMarked
package io.edgewright.rest;

import org.jspecify.annotations.NullMarked;
