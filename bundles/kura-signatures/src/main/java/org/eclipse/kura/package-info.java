// SPDX-License-Identifier: Apache-2.0
@Version("1.7.0")
package org.eclipse.kura;

import org.osgi.annotation.versioning.Version;
