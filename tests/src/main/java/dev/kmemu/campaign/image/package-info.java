/** The image suite: damaged boot images are loaded, or refused in one line. */
@NullMarked
package dev.kmemu.campaign.image;

import org.jspecify.annotations.NullMarked;
