// SPDX-License-Identifier: Apache-2.0
/** Home of the compiled examples that the guides quote; they live among the tests of this module. */
package io.anabranch.docs;
