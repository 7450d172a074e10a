import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import './styles/forms.css';
import { render } from 'preact';
import { Shell } from './shell.tsx';
import { applyTheme } from './theme.ts';

applyTheme();
render(<Shell />, document.getElementById('page')!);
