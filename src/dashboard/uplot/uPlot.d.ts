/** The chart library's types under the address at which the agent serves it. */
export { default } from 'uplot';
