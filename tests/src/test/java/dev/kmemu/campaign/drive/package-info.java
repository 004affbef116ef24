/** Tests of how campaigns are carried through. */
@NullMarked
package dev.kmemu.campaign.drive;

import org.jspecify.annotations.NullMarked;
