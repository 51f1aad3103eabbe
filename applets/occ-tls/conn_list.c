/* conn_list.c - doubly linked, in the order of arrival */
#include "applets/occ-tls/conn_list.h"

#include "applets/occ-tls/conn.h"

static void
take_out(struct conn *c)
{
	struct conn_list *l = c->in_list;

	if (c->list_prev)
		c->list_prev->list_next = c->list_next;
	else
		l->first = c->list_next;
	if (c->list_next)
		c->list_next->list_prev = c->list_prev;
	else
		l->last = c->list_prev;
	l->n--;
}

void
conn_list_move(struct conn *c, struct conn_list *l)
{
	if (c->in_list)
		take_out(c);
	c->in_list = l;
	c->list_prev = c->list_next = NULL;
	if (!l)
		return;
	c->list_prev = l->last;
	if (l->last)
		l->last->list_next = c;
	else
		l->first = c;
	l->last = c;
	l->n++;
}
