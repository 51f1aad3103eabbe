#include "lib/engine/exec.h"

#include <string.h>

/* A whole header at the front of in, or the rest of one begun before; false when more bytes are needed. */
static bool
take_head(struct demux *d, struct str *in)
{
	size_t n = sizeof d->head - d->head_n;

	if (n > in->n)
		n = in->n;
	if (n > 0)
		memcpy(d->head + d->head_n, in->p, n);
	d->head_n += n;
	*in = str_skip(*in, n);
	return d->head_n == sizeof d->head;
}

int
demux_next(struct demux *d, struct str *in, int *ret_stream, struct str *ret_data, struct err *e)
{
	while (d->left == 0) {
		if (!take_head(d, in))
			return 0;
		const unsigned char *h = d->head;
		if (h[0] > DEMUX_SYSTEM || h[1] || h[2] || h[3])
			return err_set(e, ERR_PARSE, "malformed stream: no frame begins with %02x %02x %02x %02x", h[0], h[1], h[2], h[3]);
		d->stream = h[0];
		d->left = (uint32_t)h[4] << 24 | (uint32_t)h[5] << 16 | (uint32_t)h[6] << 8 | h[7];
		d->head_n = 0;
	}
	if (in->n == 0)
		return 0;
	*ret_data = str_take(*in, d->left);
	*ret_stream = d->stream;
	*in = str_skip(*in, ret_data->n);
	d->left -= (uint32_t)ret_data->n;
	return 1;
}
