// SPDX-License-Identifier: Apache-2.0
@Version("1.1.0")
package org.eclipse.kura.type;

import org.osgi.annotation.versioning.Version;
