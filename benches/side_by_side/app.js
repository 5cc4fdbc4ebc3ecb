document.querySelector('h1').addEventListener('click', () => scrollTo({ top: 0, behavior: 'smooth' }));
