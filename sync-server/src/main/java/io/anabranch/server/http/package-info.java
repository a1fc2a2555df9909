// SPDX-License-Identifier: Apache-2.0
/** Routes: bytes in, session, bytes out; limits. */
@NullMarked
package io.anabranch.server.http;

import org.jspecify.annotations.NullMarked;
