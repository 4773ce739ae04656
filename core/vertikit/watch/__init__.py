"""Watching a deployed run: have its inputs, its answers or its quality moved since training?"""
