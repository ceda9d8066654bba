/** True in a development build: opens /styleguide and makes mistakes loud. */
declare const DEVELOPMENT: boolean;
/** The folder of the sources, in unit tests only. */
declare const WEB_ROOT: string;
