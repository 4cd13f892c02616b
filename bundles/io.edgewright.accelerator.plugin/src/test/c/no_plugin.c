// SPDX-License-Identifier: Apache-2.0
// A library that is no plug-in.
int answer(void) { return 42; }
