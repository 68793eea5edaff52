/**
 * A group of routes: the paths of one subject, registered in a scope of their own, so that what a group changes (a parser of
 * bodies, say) stays in it. A group is made from the views it shows and nothing else.
 */

import type { FastifyInstance } from 'fastify';

export type RouteGroup = (app: FastifyInstance) => void;
