// SPDX-License-Identifier: Apache-2.0
@Version("1.0.0")
package org.eclipse.kura.ai.inference;

import org.osgi.annotation.versioning.Version;
