import { svelte } from '@sveltejs/vite-plugin-svelte';
import react from '@vitejs/plugin-react';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react(), vue({ template: { compilerOptions: { isCustomElement: (tag) => tag === 'connection-doctor' } } }), svelte()],
  // Its files belong together: Vite's development server would take the scripts away from beside the program.
  optimizeDeps: { exclude: ['connection-doctor'] },
  build: { rolldownOptions: { input: ['headless', 'react', 'vue', 'svelte'].map((name) => `${name}.html`) } },
});
