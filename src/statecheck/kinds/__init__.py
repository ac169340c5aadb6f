"""The kinds of workspace that come with statecheck, written as a project writes its own."""
