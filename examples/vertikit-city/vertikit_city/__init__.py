"""A vertical for cities, over the public interface of Vertikit alone."""
